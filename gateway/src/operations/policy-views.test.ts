import { expect, test } from 'vitest';
import { policiesModel } from './policy-views.ts';

const sources = {
  site: [{ key: 'ceiling.perCell', value: '256 MiB', source: 'site.yaml:15' }],
  policies: new Map([
    [
      'course',
      [
        { key: 'title', value: 'course', source: 'course.yaml:1' },
        { key: 'image', value: 'carrel-kernel', source: 'course.yaml:2' },
        { key: 'output.perCell', value: '8 MiB', source: 'course.yaml:3' },
        { key: 'idle', value: '1 h', source: 'course.yaml:4' },
      ],
    ],
  ]),
};
const known = [{ name: 'course', title: 'course', description: 'A course.' }];

test('AD6 each value has its place, and what bounds it', () => {
  const [course] = policiesModel(known, sources, 'carrel-kernel').policies;
  expect(course?.values).toEqual([
    { key: 'image', value: 'carrel-kernel', source: 'course.yaml:2', ceiling: null },
    {
      ...{ key: 'output.perCell', value: '8 MiB', source: 'course.yaml:3' },
      ceiling: { value: '256 MiB', source: 'site.yaml:15' },
    },
    { key: 'idle', value: '1 h', source: 'course.yaml:4', ceiling: null },
  ]);
});

test('AD6 an image that a setting has put in the place of the written one says so', () => {
  const [course] = policiesModel(known, sources, 'carrel-kernel:2').policies;
  expect(course?.values[0]).toMatchObject({
    value: 'carrel-kernel:2',
    source: 'CARREL_KERNEL_IMAGE, for course.yaml:2',
  });
});
